// fails: days.fixed
let days = 7;
