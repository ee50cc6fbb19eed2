const withTag = (post, tag) => ({ ...post, tags: post.tags.concat(tag) })
