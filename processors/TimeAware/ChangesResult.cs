namespace Pipeline.Processors.TimeAware;

/// <summary>What was told of planted changes, and without any; as it stands in changes.json.</summary>
internal sealed record ChangesResult
{
    public required int FirstSlot { get; init; }

    public required ulong Seed { get; init; }

    public required IReadOnlyList<PlantedKind> Planted { get; init; }

    /// <summary>Of the VMs in which nothing was planted.</summary>
    public required double VmDays { get; init; }

    /// <summary>Changes told of these; null: there are none.</summary>
    public required double? FalsePer100VmDays { get; init; }

    public required IReadOnlyDictionary<string, int> FalseByKind { get; init; }
}

/// <summary>Of one kind.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Planted">VMs that got one.</param>
/// <param name="Found">VMs of which one of this kind was told afterwards.</param>
/// <param name="HoursUntilFound">Median; null: none was found.</param>
/// <param name="HoursUntilFound90">What nine of ten took at most.</param>
/// <param name="StartOffHours">Median distance of the start that was told from the real one.</param>
internal sealed record PlantedKind(string Kind, int Planted, int Found, double? HoursUntilFound, double? HoursUntilFound90, double? StartOffHours);
