namespace Pipeline.Tests.Simulation.Faults;

/// <summary>What is broken on purpose, to see that the simulation finds it.</summary>
public enum Sabotage
{
    None,

    /// <summary>Every record is visible as soon as it is sent, and offsets are committed by themselves.</summary>
    NoTransactions,

    /// <summary>Offsets are committed before the records that came of them are sent.</summary>
    CommitFirst,

    /// <summary>Replaced producers and thrown-out members are not refused.</summary>
    NoFencing,
}
