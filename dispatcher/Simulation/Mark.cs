namespace Pipeline.Dispatcher.Simulation;

/// <summary>What a preset is to show, and whether it did.</summary>
/// <param name="What">In words.</param>
/// <param name="Wanted">The least, or the most, that will do.</param>
/// <param name="Measured">What came out.</param>
/// <param name="Passed">It will do.</param>
/// <param name="AtMostWanted">Wanted is the most, not the least.</param>
public sealed record Mark(string What, double Wanted, double Measured, bool Passed, bool AtMostWanted)
{
    public static Mark AtLeast(string what, double wanted, double measured) => new(what, wanted, measured, measured >= wanted, false);

    public static Mark AtMost(string what, double wanted, double measured) => new(what, wanted, measured, measured <= wanted, true);
}
