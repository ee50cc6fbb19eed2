const longest = (words) => words.toSorted((one, other) => other.length - one.length)[0] ?? ""
