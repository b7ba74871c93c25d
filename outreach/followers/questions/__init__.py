"""What followers wrote that nobody understood (未识别提问), for editors to answer."""
