"""Industrial chains (产业链): a graph of links, what a shock does to it, how each link stands, who is on it."""
