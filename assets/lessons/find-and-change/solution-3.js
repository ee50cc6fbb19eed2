for (const element of document.getElementsByTagName('h1')) {
  element.replaceChildren(document.createTextNode(title));
  console.log(element);
}
