const unit = 'degrees';
const reading = `${ degrees } ${ unit }`;
const label = [city, reading].join(': ');
