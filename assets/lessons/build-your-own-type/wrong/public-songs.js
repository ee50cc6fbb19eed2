// fails: private.open
class Playlist {
  songs = [];
  add(title) {
    this.songs.push(title);
    return this;
  }
  get length() {
    return this.songs.length;
  }
}
