const Playlist = class {
  #songs
  constructor() {
    this.#songs = []
  }
  get length() {
    let n = 0
    for (const song of this.#songs) n++
    return n
  }
  add(...titles) {
    this.#songs = [...this.#songs, ...titles]
    return this
  }
}
