function later(value) {
  return new Promise((resolve) => {
    setTimeout(() => resolve(value), 100);
  });
}

const boil = () => later('hot water');
const pour = (water) => later(`tea from ${water}`);

async function brew(boil, pour) {
  const water = await boil();
  return await pour(water);
}

console.log(await brew(boil, pour));
