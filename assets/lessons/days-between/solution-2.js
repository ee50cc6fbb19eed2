const daysUntil = (from, to) => Math.round((Date.parse(to) - Date.parse(from)) / 864e5)
