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

    /// <summary>Share of VM-days whose forecast load in the chosen window is at most 10 points above and 5 below what came.</summary>
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

    /// <summary>Minutes of shortage where the method's capacity is multiplied by one factor, so that it costs as much as the reactive rule.</summary>
    public double? ShortageMinutesAtEqualCost { get; set; }
}
