const area = (width, height) => height * width
console.log("a wall:", area(3, 4))
