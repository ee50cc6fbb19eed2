function later(value) {
  return new Promise((resolve) => {
    setTimeout(() => resolve(value), 100);
  });
}

const boilWater = () => later('hot water');
const pourTea = (water) => later(`tea from ${water}`);

async function brew(boil, pour) {
  const water = await boil();
  return await pour(water);
}

console.log(await brew(boilWater, pourTea));
