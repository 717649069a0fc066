"""Questions by the thousand: the form of batch files, and the API that takes them."""
