const isColor = (text) =>
  text.length === 7 && text[0] === "#" && [...text.slice(1)].every((sign) => "0123456789abcdef".includes(sign))
