console.log('Let us begin.');
const country = 'Peru', city = 'Cusco'; // two at once
console.log('The city is', city, 'in ' + country);
