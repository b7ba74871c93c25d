"""WeChat Official Account: drafts, freepublish, and the server push."""
