using System.Text.Json.Serialization;

namespace Pipeline.Processors.TimeAware;

/// <summary>What a back-test found, as it stands in backtest.json. What does not apply, or was not to be had, is null.</summary>
internal sealed record BacktestResult
{
    public required string Trace { get; init; }

    public required string Zone { get; init; }

    public required int FirstSlot { get; init; }

    public required int LastSlot { get; init; }

    public required int Vms { get; init; }

    public required int Communities { get; init; }

    public required int VmDays { get; init; }

    public required int VaryingVmDays { get; init; }

    public required IReadOnlyDictionary<string, MethodResult> Methods { get; init; }

    public IReadOnlyList<string> Notes { get; init; } = [];
}

/// <summary>Figures of one method.</summary>
internal sealed record MethodResult
{
    /// <summary>Share of VM-days whose chosen window has a mean load of at most 10 points above that of the lowest (Poppe et al., 2021).</summary>
    public double? WindowRight { get; set; }

    /// <summary>Likewise, of the VM-days on which the lowest and the highest window are more than 10 points apart.</summary>
    public double? WindowRightVarying { get; set; }

    /// <summary>Share of VM-days on which at least 90 % of the steps of the chosen window were forecast at most 10 points above and 5 below what came (likewise).</summary>
    public double? WindowLoadWithinBound { get; set; }

    /// <summary>Share of forecasts of free cores, of communities, cell and fleet, 1 to 24 h ahead, that came within the 80 % interval.</summary>
    [JsonPropertyName("coverage_80")]
    public double? Coverage80 { get; set; }

    [JsonPropertyName("coverage_95")]
    public double? Coverage95 { get; set; }

    /// <summary>Worst distance of any horizon's coverage from nominal, over all groups.</summary>
    public double? CoverageWorstHorizon { get; set; }

    /// <summary>Mean width of the 95 % interval, share of the cores.</summary>
    [JsonPropertyName("width_95")]
    public double? Width95 { get; set; }

    /// <summary>Mean absolute error of the forecasts, share of the cores.</summary>
    public double? MeanAbsoluteError { get; set; }

    /// <summary>Minutes in which a group's demand was more than all its cores, summed over groups.</summary>
    public double? ShortageMinutes { get; set; }

    /// <summary>Core-hours that were there and not used.</summary>
    public double? WastedCoreHours { get; set; }

    /// <summary>Core-hours that were there.</summary>
    public double? CoreHours { get; set; }

    /// <summary>Minutes of shortage where the method costs as much as the reactive rule: advice by asking for another share of steps that is held, <see cref="ShareAtEqualCost"/>, the others by one factor on their capacity.</summary>
    public double? ShortageMinutesAtEqualCost { get; set; }

    /// <summary>Probability asked for with which a step's demand is held, at that cost.</summary>
    public double? ShareAtEqualCost { get; set; }

    /// <summary>Minutes of shortage where the method's capacity is multiplied by one factor, so that it costs as much as the reactive rule.</summary>
    public double? ShortageMinutesByFactor { get; set; }
}
