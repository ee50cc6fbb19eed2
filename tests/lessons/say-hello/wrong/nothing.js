// fails: hello.nothing
undefined
