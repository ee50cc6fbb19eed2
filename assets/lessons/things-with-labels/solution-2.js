const card = ({ title, year = 'n.d.' }) => title + ' (' + year + ')'
