import { slug } from "./text.js"
const address = slug(title)
//// text.js
const slug = (text) => text.toLowerCase().split(" ").join("-")
export { slug }
