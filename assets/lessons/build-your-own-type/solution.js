class Playlist {
  #songs = [];

  add(title) {
    this.#songs.push(title);
    return this;
  }

  get length() {
    return this.#songs.length;
  }
}

const evening = new Playlist();
evening.add('Blue');
console.log(evening.length);
