"""The Weibo side: paths, parameters, limits and answers of api.weibo.com."""
