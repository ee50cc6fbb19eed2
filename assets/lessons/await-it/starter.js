function later(value) {
  return new Promise((resolve) => {
    setTimeout(() => resolve(value), 100);
  });
}

const boilWater = () => later('hot water');
const pourTea = (water) => later(`tea from ${water}`);

async function brew(boil, pour) {
  // TODO: wait for boil, then hand its water to pour
}

console.log(await brew(boilWater, pourTea));
