using Pipeline.Infra.Randomness;

namespace Pipeline.Dispatcher.Simulation;

/// <summary>
/// How a VM's own load moves within a step of its trace, of which only the mean is known: every ten seconds by a first-order autoregression
/// (correlation .7) with a standard deviation of .3 sqrt(u (1 - u)), the step's mean left as it is but for clipping. Assumed, not measured.
/// </summary>
public static class LoadNoise
{
    /// <summary>Seconds between two changes.</summary>
    public const double PieceS = 10;

    private const double Correlation = .7, Deviation = .3;

    /// <summary>Utilisation in each piece of the steps, [step * pieces + piece].</summary>
    /// <param name="means">Mean utilisation of each step, 0..1.</param>
    /// <param name="pieces">Pieces of a step.</param>
    /// <param name="random">Source of the noise.</param>
    public static float[] Draw(ReadOnlySpan<double> means, int pieces, ref SplitMix random)
    {
        float[] load = new float[means.Length * pieces];
        double state = Normal(ref random);
        Span<double> noise = stackalloc double[pieces];
        for (int step = 0; step < means.Length; step++)
        {
            double mean = means[step], sum = 0;
            foreach (ref double value in noise)
            {
                state = (Correlation * state) + (Math.Sqrt(1 - (Correlation * Correlation)) * Normal(ref random));
                value = state;
                sum += value;
            }
            double deviation = Deviation * Math.Sqrt(mean * (1 - mean));
            for (int i = 0; i < pieces; i++) load[(step * pieces) + i] = (float)Math.Clamp(mean + (deviation * (noise[i] - (sum / pieces))), 0, 1);
        }
        return load;
    }

    // Box and Muller.
    private static double Normal(ref SplitMix random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
