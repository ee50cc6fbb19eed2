async function titles(load) {
  try {
    return load();
  } catch (error) {
    console.log('Caught:', error.message);
    return [];
  }
}

const online = async () => ['Dune', 'Emma'];
const offline = async () => {
  throw new Error('no connection');
};

console.log(await titles(online));
// console.log(await titles(offline)); // should be []
