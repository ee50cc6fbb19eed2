'Hello'
