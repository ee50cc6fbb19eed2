'bye'
