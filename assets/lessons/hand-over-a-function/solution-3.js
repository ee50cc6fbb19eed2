const twice = (tool, value) => {
  for (let i = 0; i < 2; i++) value = tool(value);
  return value;
};
