"""What the columns of the derived assets mean, and which columns of the sources they are made from."""
