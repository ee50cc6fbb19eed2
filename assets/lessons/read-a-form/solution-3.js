const [form, city, list] = ['#add', '#city', '#list'].map((id) => document.querySelector(id));

function add(event) {
  event.preventDefault();
  console.log('sent:', city.value);
  if (city.value.trim().length === 0) return;
  const item = document.createElement('li');
  item.innerText = city.value.trim();
  list.appendChild(item);
  city.value = '';
  city.select();
  city.focus();
}

form.addEventListener('submit', add);
