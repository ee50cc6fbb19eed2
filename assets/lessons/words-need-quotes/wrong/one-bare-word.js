// fails: error ReferenceError
Sunshine
