// fails: error SyntaxError
class Playlist {
  #songs = [];
  add(title) {
    #songs.push(title);
    return this;
  }
  get length() {
    return #songs.length;
  }
}
