const brew = async function (boil, pour) {
  try {
    const water = await boil();
    const tea = await pour(water);
    console.log(tea);
    return tea;
  } catch (error) {
    console.log("no tea today");
    throw error;
  }
};
