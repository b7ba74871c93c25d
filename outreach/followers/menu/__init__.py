"""The menu under the conversation: written as a text of the house, compared with what WeChat has, published."""
