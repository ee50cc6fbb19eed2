// fails: label.kind
const label = degrees;
