"""Where firms are and how they gather: measures of areas × industries and of points, each with definition and source.

    cells            firm files and tables → firms and sizes by area and industry; read this first
    results          what a measurement is: values, intervals, and why there is none
    quotients        share, growth, location quotient with its interval
    concentration    HHI, CRn, Gini, Theil, Ellison–Glaeser, Krugman
    autocorrelation  Moran's I and its local parts, by permutation, for all industries at once
    resemblance      which areas are like the ones beside them, or unlike, beyond chance: what `Survey` has of Moran
    complexity       advantage, proximity, density, ECI and PCI
    distances        Duranton–Overman's Kd and Marcon–Puech's M of points; `envelopes` says what chance would do
    stars            the three stars of the European Cluster Observatory
    density          dense areas of points; `candidates` proposes clusters from them and from rising cells
    disclosure       which cells would tell about one firm

Pure functions: randomness is a `numpy.random.Generator` given by the caller, nothing is read or written. Definitions,
guards and their sources are data in `definitions.yaml`.
"""
