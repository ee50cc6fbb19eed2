class Playlist {
  #songs = new Set();
  #next = 0;
  mood = "calm";

  add = (title) => {
    this.#songs.add({ title, place: this.#next++ });
    console.log(`added ${title}`);
    return this;
  };

  get length() {
    return this.#songs.size;
  }
}
