// in one line
const brew = async (boil, pour) => pour(await boil());
