"""What followers write and do, as WeChat pushed it, and what is answered."""
