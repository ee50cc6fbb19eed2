// fails: maker.kind
let makeCounter = 0;
makeCounter += 1;
