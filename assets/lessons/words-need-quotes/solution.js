'The sun is out'
