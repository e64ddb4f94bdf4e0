namespace Pipeline.Processors.TimeAware;

/// <summary>
/// How much of a distance from the profile is left some time later: decayed least squares on the last distance and on the mean of the last
/// ones, drawn to a first guess.
/// </summary>
internal struct FadeLine
{
    private double aa;
    private double ab;
    private double bb;
    private double ay;
    private double by;

    /// <summary>Distance that is left of these.</summary>
    /// <param name="last">Newest distance.</param>
    /// <param name="mean">Mean of the last ones.</param>
    /// <param name="guess">What is left of each before anything is learnt.</param>
    /// <param name="weight">How much that guess weighs, as a share of what has been learnt from.</param>
    /// <param name="least">How much it weighs at least, squared distance.</param>
    public readonly double At(double last, double mean, (double Last, double Mean) guess, double weight, double least)
    {
        double ra = (weight * aa) + least, rb = (weight * bb) + least, a = aa + ra, b = bb + rb;
        double y = ay + (ra * guess.Last), z = by + (rb * guess.Mean), det = (a * b) - (ab * ab);
        return det <= 0 ? 0 : ((((y * b) - (ab * z)) * last) + (((a * z) - (ab * y)) * mean)) / det;
    }

    /// <summary>Learns what came of these.</summary>
    public void Learn(double last, double mean, double came, double forget)
    {
        (aa, ab, bb) = ((aa * forget) + (last * last), (ab * forget) + (last * mean), (bb * forget) + (mean * mean));
        (ay, by) = ((ay * forget) + (last * came), (by * forget) + (mean * came));
    }
}
