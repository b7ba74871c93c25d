"""The WeChat side: paths, parameters, limits and answers of api.weixin.qq.com."""
