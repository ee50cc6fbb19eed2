// fails: own.shared
const songs = [];
class Playlist {
  add(title) {
    songs.push(title);
    return this;
  }
  get length() {
    return songs.length;
  }
}
