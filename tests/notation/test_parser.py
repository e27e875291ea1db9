"""The syntax tree: structure, scope, statements, ambiguous places and refusals.

Trees are compared as outlines: ``(juxt a b)`` is a beside b, ``(- x)`` a sign, ``(log:rm! x)``
a function without parentheses, ``(sum[i 1..n] x)`` a big operator with its range.
"""

from __future__ import annotations

import inspect
import re
import time
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from torch import nn

from torchtex.notation.depth import everything, parts
from torchtex.notation.errors import NotRead
from torchtex.notation.outline import outline, outlines
from torchtex.notation.parser import parse
from torchtex.notation.syntax import (
    Application,
    BigOperator,
    Fraction_,
    Group,
    Indicator,
    Infix,
    Juxtaposition,
    Name,
    Power,
    Prefix,
    Root,
)


def tree(latex: str, *words: str) -> str:
    (statement,) = outlines(parse(latex, frozenset(words)))
    return statement


def refused(latex: str) -> NotRead:
    with pytest.raises(NotRead) as caught:
        parse(latex)
    return caught.value


def check(cases: list[tuple[str, str]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(("latex", "expected"), cases, ids=[case[0] for case in cases])


FOURTEEN = [
    (
        r"\mathcal{L}_{\text{CE}} = -\log\left(\frac{\exp(z_y)}{\sum_{j=1}^{C}\exp(z_j)}\right)",
        "(= (_ L:cal CE:rm) (- (log:rm (frac (exp:rm (_ z y)) (sum[j 1..C] (exp:rm (_ z j)))))))",
    ),
    (
        r"\mathcal{L}_{MSE} = \frac{1}{n}\sum_{i=1}^n (y_i-\hat{y}_i)^2",
        "(= (_ L:cal MSE:rm)"
        " (juxt (frac 1 n) (sum[i 1..n] (^ (paren (- (_ y i) (_ y.hat i))) 2))))",
    ),
    (
        r"\mathcal{L}_{\text{BCE}} = -\left[y\cdot\log(\sigma(x))"
        r" + (1-y)\cdot\log(1-\sigma(x))\right]",
        r"(= (_ L:cal BCE:rm) (- (bracket (+ (\cdot y (log:rm (sigma x)))"
        r" (\cdot (paren (- 1 y)) (log:rm (- 1 (sigma x))))))))",
    ),
    (r"-\sum_c y_c \log p_c", "(- (sum[c] (juxt (_ y c) (log:rm! (_ p c)))))"),
    (
        r"\mathbf{h} = \text{ReLU}(W_1\mathbf{x}+\mathbf{b}_1)",
        "(= h:bf (ReLU:rm (+ (juxt (_ W 1) x:bf) (_ b:bf 1))))",
    ),
    (
        r"\alpha_i = \frac{\exp(q^\top k_i)}{\sum_j\exp(q^\top k_j)}",
        "(= (_ alpha i) (frac (exp:rm (juxt (transpose q) (_ k i)))"
        " (sum[j] (exp:rm (juxt (transpose q) (_ k j))))))",
    ),
    (
        r"\text{Attention}(Q,K,V)=\text{softmax}\left(\frac{QK^\top}{\sqrt{d_k}}\right)V",
        "(= (Attention:rm Q K V)"
        " (juxt (softmax:rm (frac (juxt Q (transpose K)) (sqrt (_ d k)))) V))",
    ),
    (
        r"\frac{\partial\mathcal{L}}{\partial z_k} = p_k - y_k",
        "(= (derivative L:cal (_ z k)) (- (_ p k) (_ y k)))",
    ),
    (
        r"\text{FL}(p_t) = -\alpha_t(1-p_t)^\gamma\log(p_t)",
        "(= (FL:rm (_ p t)) (- (juxt (^ ((_ alpha t) (- 1 (_ p t))) gamma) (log:rm (_ p t)))))",
    ),
    (
        r"\ell(x,y)=\begin{cases}0.5(x-y)^2/\beta & |x-y|<\beta\\ |x-y|-0.5\beta & \text{otherwise}"
        r"\end{cases}",
        "(= (ell x y) (cases"
        " ((/ (juxt 1/2 (^ (paren (- x y)) 2)) beta) if (< (abs (- x y)) beta))"
        " ((- (abs (- x y)) (juxt 1/2 beta)) otherwise)))",
    ),
    (
        r"D_{KL}(P\|Q)=\sum_x P(x)\log\frac{P(x)}{Q(x)}",
        "(= ((_ D KL:rm)| P Q) (sum[x] (juxt (P x) (log:rm! (frac (P x) (Q x))))))",
    ),
    (
        r"y = \frac{x-\mathrm{E}[x]}{\sqrt{\mathrm{Var}[x]+\epsilon}}*\gamma+\beta",
        "(= y (+ (* (frac (- x (E:rm[] x)) (sqrt (+ (Var:rm[] x) epsilon))) gamma) beta))",
    ),
    (
        r"\mathcal{L}_i=-\log\frac{\exp(\mathrm{sim}(z_i,z_j)/\tau)}"
        r"{\sum_{k=1}^{2N}\mathbb{1}_{[k\neq i]}\exp(\mathrm{sim}(z_i,z_k)/\tau)}",
        "(= (_ L:cal i) (- (log:rm! (frac (exp:rm (/ (sim:rm (_ z i) (_ z j)) tau))"
        " (sum[k 1..(juxt 2 N)] (juxt (indicator (!= k i))"
        " (exp:rm (/ (sim:rm (_ z i) (_ z k)) tau))))))))",
    ),
    (
        r"H_{out}=\left\lfloor\frac{H_{in}+2\times\text{padding}[0]-\text{dilation}[0]\times"
        r"(\text{kernel\_size}[0]-1)-1}{\text{stride}[0]}+1\right\rfloor",
        r"(= (_ H out:rm) (floor (+ (frac (- (- (+ (_ H in:rm) (\times 2 (padding:rm[] 0)))"
        r" (\times (dilation:rm[] 0) (paren (- (kernel_size:rm[] 0) 1)))) 1) (stride:rm[] 0)) 1)))",
    ),
]


@check(FOURTEEN)
def test_the_fourteen_formulas(latex: str, expected: str) -> None:
    assert tree(latex) == expected


@check(
    [
        ("-x^2", "(- (^ x 2))"),
        ("-a b", "(- (juxt a b))"),
        (r"-a \cdot b", r"(\cdot (- a) b)"),
        ("a - b - c", "(- (- a b) c)"),
        ("a + b c", "(+ a (juxt b c))"),
        ("a + -b", "(+ a (- b))"),
        ("2 x (y + 1)", "(juxt 2 (x (+ y 1)))"),
        ("2 (y + 1)", "(juxt 2 (paren (+ y 1)))"),
        ("x!", "(! x)"),
        ("2^n!", "(! (^ 2 n))"),
        (r"a < b \land c > d", "(and (< a b) (> c d))"),
        (r"a \text{ or } b = c", "(or a (= b c))"),
        ("a = b = c", "(= a b c)"),
        (r"a \le b < c", "(chain a <= b < c)"),
        (r"x \ll y", "(<< x y)"),
        (r"p \sim q", "(~ p q)"),
        (r"x \leftarrow y", "(<- x y)"),
        (r"a \odot b \circ c", r"(\circ (\odot a b) c)"),
        (r"a \times b / c", r"(/ (\times a b) c)"),
        (r"a \bmod b", "(mod a b)"),
        (r"W @ x", "(@ W x)"),
    ]
)
def test_precedence(latex: str, expected: str) -> None:
    assert tree(latex) == expected


@check(
    [
        ("a/b", "(/ a b)"),
        ("a/b/c", "(/ (/ a b) c)"),
        ("1/2 x^2", "(juxt (/ 1 2) (^ x 2))"),
        (r"1/2\tau", "(juxt (/ 1 2) tau)"),
        (r"x/2\tau", r"(/ x (juxt 2 tau))"),
        ("x/2 beta", "(/ x (juxt 2 beta:rm))"),
        (r"x/2\pi\sigma^2", "(/ x (juxt 2 pi (^ sigma 2)))"),
        ("x/2f(y)", "(juxt (/ x 2) (f y))"),
        (r"\lambda/2 \|w\|^2", "(juxt (/ lambda 2) (^ (norm w) 2))"),
        (r"1/N \sum_i x_i", "(juxt (/ 1 N) (sum[i] (_ x i)))"),
        (r"\lambda/2 \sum_i w_i", "(juxt (/ lambda 2) (sum[i] (_ w i)))"),
        (r"QK^\top/\sqrt{d} V", "(juxt (/ (juxt Q (transpose K)) (sqrt d)) V)"),
        (r"x \cdot (x + 3) / 6", r"(/ (\cdot x (paren (+ x 3))) 6)"),
        ("a / -b", "(/ a (- b))"),
        ("-1/2", "(- (/ 1 2))"),
        (r"e^{-x^2/2\sigma^2}", "(^ e (- (/ (^ x 2) (juxt 2 (^ sigma 2)))))"),
    ]
)
def test_slashes(latex: str, expected: str) -> None:
    assert tree(latex) == expected


@check(
    [
        (r"\log p_c", "(log:rm! (_ p c))"),
        (r"\log\frac ab y", "(juxt (log:rm! (frac a b)) y)"),
        (r"\log\sigma(x)", "(log:rm! (sigma x))"),
        (r"\log\exp(x)", "(log:rm! (exp:rm x))"),
        (r"\log x^2", "(log:rm! (^ x 2))"),
        (r"\log\left[x\right]", "(log:rm[] x)"),
        (r"\log\left|x\right|", "(log:rm! (abs x))"),
        (r"\exp{-x}", "(exp:rm! (- x))"),
        (r"\exp -x", "(exp:rm! (- x))"),
        (r"\exp\{x\}", "(exp:rm{} x)"),
        (r"\log(x)^2", "(^ (log:rm x) 2)"),
        (r"\log^2 x", "(log:rm^2! x)"),
        (r"\log_2 x", "((_ log:rm 2)! x)"),
        (r"\log_{10}(x)", "((_ log:rm 10) x)"),
        (r"\sin^{-1} x", "(sin:rm^(- 1)! x)"),
        (r"\sin 2\pi x", "(sin:rm! (juxt 2 pi x))"),
        (r"\sin 2x \cos 3y", "(juxt (sin:rm! (juxt 2 x)) (cos:rm! (juxt 3 y)))"),
        (r"\log\sum_j e^{z_j} + b", "(+ (log:rm! (sum[j] (^ e (_ z j)))) b)"),
        ("log(x)", "(log:rm x)"),
        (r"\text{log}(x)", "(log:rm x)"),
        (r"\max \{0, a\}", "(max:rm{} 0 a)"),
        (r"\max(0,a)^p", "(^ (max:rm 0 a) p)"),
        (r"\text{max}(a, \ b)", "(max:rm a b)"),
        (r"\max_k z_k", "(maximum[k] (_ z k))"),
        (r"\max_{a=0}^{1} x_a", "(maximum[a 0..1] (_ x a))"),
        (r"\min_{j \neq y} z_j", "(minimum[if (!= j y)] (_ z j))"),
        (r"\arg\max_k z_k", "(argmax[k] (_ z k))"),
        (r"\operatorname*{arg\,min}_{k} z_k", "(argmin[k] (_ z k))"),
        (r"\underset{k}{\operatorname{argmax}} z_k", "(argmax[k] (_ z k))"),
        (r"\mathop{\mathrm{argmax}}_k z_k", "(argmax[k] (_ z k))"),
        (r"x_{\max} + \gamma_{\text{min}}", "(+ (_ x max:rm) (_ gamma min:rm))"),
        (r"\text{ReLU}^2(x)", "(ReLU:rm^2 x)"),
    ]
)
def test_functions(latex: str, expected: str) -> None:
    assert tree(latex) == expected


@check(
    [
        ("f(x)", "(f x)"),
        ("f'(x)", "(f' x)"),
        ("f(x)^p", "(^ (f x) p)"),
        ("f(x)(1 - f(x))", "(juxt (f x) (paren (- 1 (f x))))"),
        ("x[y]", "(x[] y)"),
        ("x[y[j]]", "(x[] (y[] j))"),
        ("x[i][j]", "((x[] i)[] j)"),
        (r"w_n \left[ a + b \right]", "((_ w n)[] (+ a b))"),
        (r"\text{padding}[0]", "(padding:rm[] 0)"),
        (r"\text{x.nelement}()", "(x.nelement:rm)"),
        (r"p(y \mid x)", "(p| y x)"),
        ("p(y | x)", "(p| y x)"),
        ("p(y | x, z)", "(p| y x z)"),
        ("D(p || q)", "(D| p q)"),
        (r"p_\theta(x; z)", "((_ p theta) x z)"),
        (r"h^{(l)}(x)", "((label h (paren l)) x)"),
        (r"\mathbb{E}_{x \sim p}[f(x)]", "((_ E:bb (~ x p))[] (f x))"),
        (r"\mathbb{E}\left[x\right]", "(E:bb[] x)"),
        (r"\text{softmax}(z)_k", "(_ (softmax:rm z) k)"),
        (r"[E(w)]^2 \text{Var}(x)", "(juxt (^ (bracket (E w)) 2) (Var:rm x))"),
        (r"W^\top(x + b)", "(juxt (transpose W) (paren (+ x b)))"),
        (r"x^2(y + 1)", "(juxt (^ x 2) (paren (+ y 1)))"),
    ]
)
def test_applications(latex: str, expected: str) -> None:
    assert tree(latex) == expected


@check(
    [
        ("|x|", "(abs x)"),
        (r"\|x\|_2^2", "(^ (_ (norm x) 2) 2)"),
        (r"||w||", "(norm w)"),
        ("|x||y|", "(juxt (abs x) (abs y))"),
        ("|a||b||c|", "(juxt (abs a) (abs b) (abs c))"),
        (r"\lambda |w|", "(juxt lambda (abs w))"),
        ("|a - |b||", "(abs (- a (abs b)))"),
        (r"\left| |a| - |b| \right|", "(abs (- (abs a) (abs b)))"),
        ("f(a |b| c)", "(f (juxt a (abs b) c))"),
        (r"\max(0, \lambda |x|)", "(max:rm 0 (juxt lambda (abs x)))"),
        (r"\lVert x \rVert_p", "(_ (norm x) p)"),
        (r"\bigl\| x \bigr\|", "(norm x)"),
        (
            r"\left\lVert {\bf x}_i - {\bf y}_i \right\rVert_p",
            "(_ (norm (- (_ x:bf i) (_ y:bf i))) p)",
        ),
        (r"\langle a, b \rangle", "(angle a b)"),
        (r"\lfloor x/2 \rfloor + \lceil x \rceil", "(+ (floor (/ x 2)) (ceil x))"),
        (r"\{l_1,\dots,l_N\}^\top", "(transpose (brace (_ l 1) ... (_ l N)))"),
        ("[0, 1)", "([) 0 1)"),
        (r"\big[ -(i-1), \dots, 0 \big]", "(bracket (- (paren (- i 1))) ... 0)"),
    ]
)
def test_groups_and_bars(latex: str, expected: str) -> None:
    assert tree(latex) == expected


@check(
    [
        (r"\sum_{i=1}^{n} x_i", "(sum[i 1..n] (_ x i))"),
        (r"\sum_i x_i", "(sum[i] (_ x i))"),
        (r"\sum_i^n x_i", "(sum[i ..n] (_ x i))"),
        (r"\sum^n_i x_i", "(sum[i ..n] (_ x i))"),
        (r"\sum_1^n x", "(sum[1..n] x)"),
        (r"\sum p t", "(sum (juxt p t))"),
        (r"\sum_{i,j} a_{ij}", "(sum[i][j] (_ a (juxt i j)))"),
        (r"\sum_{ij} a_{i,j}", "(sum[i][j] (_ a i j))"),
        (r"\sum_{i,j=1}^n a_{ij}", "(sum[i 1..n][j 1..n] (_ a (juxt i j)))"),
        (r"\sum_{i=1,j=1}^n a_{ij}", "(sum[i 1..n][j 1..n] (_ a (juxt i j)))"),
        (r"\sum_{i, j \in S} a_{ij}", "(sum[i in S][j in S] (_ a (juxt i j)))"),
        (r"\sum_{1 \le i \le n} x_i", "(sum[i 1..n] (_ x i))"),
        (r"\sum_{i=1,\dots,n} x_i", "(sum[i 1..n] (_ x i))"),
        (r"\sum_{k \neq i} x_k", "(sum[if (!= k i)] (_ x k))"),
        (r"\sum_{i<j} x_i x_j", "(sum[if (< i j)] (juxt (_ x i) (_ x j)))"),
        (r"\sum_{\substack{k=1\\k\neq i}}^N x_k", "(sum[k 1..N][if (!= k i)] (_ x k))"),
        (r"\sum_{i=1, i\neq y}^C x_i", "(sum[i 1..C][if (!= i y)] (_ x i))"),
        (r"\sum_{i: y_i = c} x_i", "(sum[i][if (= (_ y i) c)] (_ x i))"),
        (r"\sum_{i \mid y_i = c} x_i", "(sum[i][if (= (_ y i) c)] (_ x i))"),
        (
            r"\sum_{k=1 \\ k \le t \land k \ge t}^C w_k",
            "(sum[k 1..C][if (and (<= k t) (>= k t))] (_ w k))",
        ),
        (
            r"\sum_{c'=\max(0, c-n/2)}^{N-1} a_{c'}^2",
            "(sum[c' (max:rm 0 (- c (/ n 2)))..(- N 1)] (^ (_ a c') 2))",
        ),
        (r"\prod_{j \in \mathcal{N}(i)} p_j", "(product[j in (N:cal i)] (_ p j))"),
        (r"\int_0^x t", "(integral[0..x] t)"),
        (r"∑_{i} x_i", "(sum[i] (_ x i))"),
    ]
)
def test_ranges(latex: str, expected: str) -> None:
    assert tree(latex) == expected


@check(
    [
        (r"\sum_i a_i b", "(sum[i] (juxt (_ a i) b))"),
        (r"\sum_i a_i \cdot b / c", r"(sum[i] (/ (\cdot (_ a i) b) c))"),
        (r"\frac{1}{n}\sum_i a_i b", "(juxt (frac 1 n) (sum[i] (juxt (_ a i) b)))"),
        (r"\sum_i a_i + b_i", "(sum[i] (+ (_ a i) (_ b i)))"),
        (r"\sum_i a_i + b", "(+ (sum[i] (_ a i)) b)"),
        (r"\sum_i a_i - b + c_i", "(+ (- (sum[i] (_ a i)) b) (_ c i))"),
        (r"\sum_i a_i + \sum_i b_i", "(+ (sum[i] (_ a i)) (sum[i] (_ b i)))"),
        (
            r"\sum_i a_i + \frac{1}{n}\sum_i b_i",
            "(+ (sum[i] (_ a i)) (juxt (frac 1 n) (sum[i] (_ b i))))",
        ),
        (
            r"\sum_i a_i + c \sum_j b_{ij}",
            "(sum[i] (+ (_ a i) (juxt c (sum[j] (_ b (juxt i j))))))",
        ),
        (r"\sum_i \sum_j a_{ij} + b_i", "(sum[i] (+ (sum[j] (_ a (juxt i j))) (_ b i)))"),
        (
            r"\sum_i a_i + \left(\sum_i b_i\right) c_i",
            "(sum[i] (+ (_ a i) (juxt (paren (sum[i] (_ b i))) (_ c i))))",
        ),
        (r"\sum_i a_i + |b + x_i|", "(sum[i] (+ (_ a i) (abs (+ b (_ x i)))))"),
        (r"\sum_{c'} a_{c'} + b_c", "(+ (sum[c'] (_ a c')) (_ b c))"),
        (r"\sum_c a_c + b_{c'}", "(+ (sum[c] (_ a c)) (_ b c'))"),
        (r"\sum_i a_i + x_{\text{i}}", "(+ (sum[i] (_ a i)) (_ x i:rm))"),
        (r"\max_k z_k - z_y", "(- (maximum[k] (_ z k)) (_ z y))"),
        (r"\sum_{i=1}^{n} x_i = n", "(= (sum[i 1..n] (_ x i)) n)"),
        (
            r"\sum_{j \in N(i)} x_j + \sum_{k \in N(j)} y_k",
            "(sum[j in (N i)] (+ (_ x j) (sum[k in (N j)] (_ y k))))",
        ),
        (r"\frac{\sum_i a_i}{b} + c_i", "(+ (frac (sum[i] (_ a i)) b) (_ c i))"),
        (
            r"- \frac{1}{C} * \sum_i y[i] * \log(x[i]) + (1-y[i]) * b",
            "(* (- (frac 1 C)) (sum[i] (+ (* (y[] i) (log:rm (x[] i)))"
            " (* (paren (- 1 (y[] i))) b))))",
        ),
        (r"w_{in} + \sum_i w_{in}", "(+ (_ w in:rm) (sum[i] (_ w (juxt i n))))"),
    ]
)
def test_scope_of_big_operators(latex: str, expected: str) -> None:
    assert tree(latex) == expected


@check(
    [
        ("x^2_i", "(^ (_ x i) 2)"),
        ("x_i^2", "(^ (_ x i) 2)"),
        ("x_{n,y_n}", "(_ x n (_ y n))"),
        ("A^T B", "(juxt (transpose A) B)"),
        (
            r"A^{\mathsf{T}} + A^{T} + A^{\mathrm T} + A^⊤",
            "(+ (+ (+ (transpose A) (transpose A)) (transpose A)) (transpose A))",
        ),
        ("2^T", "(^ 2 T)"),
        (r"\mathbb{R}^T", "(^ R:bb T)"),
        (r"\mathbb{R}^{N\times D}", r"(^ R:bb (\times N D))"),
        ("A^{-1}", "(^ A (- 1))"),
        ("x^{(l)}", "(label x (paren l))"),
        (r"(x)^{(l)}", "(^ (paren x) (paren l))"),
        (r"h_i^{(l+1)}", "(label (_ h i) (paren (+ l 1)))"),
        (r"x^* + x^{*} + R_+", "(+ (+ (label x *:rm) (label x *:rm)) (_ R +:rm))"),
        (r"x^{\text{max}} + v_t^{max}", "(+ (label x max:rm) (label (_ v t) max:rm))"),
        (r"(1-p)^{\text{gamma}} + p^{gamma}", "(+ (^ (paren (- 1 p)) gamma:rm) (^ p gamma:rm))"),
        (
            r"y_i' + x'_i + \mathbf{x}^{\prime}_i + f''(x)",
            "(+ (+ (+ (_ y' i) (_ x' i)) (_ x':bf i)) (f'' x))",
        ),
        (r"\hat y_i + \hat{y_i} + \widehat{y}_i", "(+ (+ (_ y.hat i) (_ y.hat i)) (_ y.hat i))"),
        (
            r"\bar{\hat{x}} + \tilde\beta_t + \overline{x}",
            "(+ (+ x.hat.bar (_ beta.tilde t)) x.bar)",
        ),
        (
            r"\mathbf{x_i} + \boldsymbol\theta + \mathbf{Wx}",
            "(+ (+ (_ x:bf i) theta:bf) (juxt W:bf x:bf))",
        ),
        (r"{\bf W x}", "(juxt W:bf x:bf)"),
        (r"L_{CE} + L_{xy} + H_{out}", "(+ (+ (_ L CE:rm) (_ L (juxt x y))) (_ H out:rm))"),
        (r"L_{\text{my loss}}", '(_ L "my loss")'),
    ]
)
def test_scripts_accents_and_fonts(latex: str, expected: str) -> None:
    assert tree(latex) == expected


@check(
    [
        (
            r"\frac12 + \frac ab + \frac{a}b + \dfrac{a}{b}",
            "(+ (+ (+ (frac 1 2) (frac a b)) (frac a b)) (frac a b))",
        ),
        (r"{a \over b + c}", "(frac a (+ b c))"),
        (r"\sqrt x + \sqrt2 + \sqrt[3]{x}", "(+ (+ (sqrt x) (sqrt 2)) (root[3] x))"),
        (r"\underbrace{a + b}_{\text{note}} c", "(juxt (paren (+ a b)) c)"),
        (r"\begin{bmatrix} a & b \\ c & d \end{bmatrix}", "(matrix (a b) (c d))"),
        (r"\begin{vmatrix} a & b \\ c & d \end{vmatrix}", "(abs (matrix (a b) (c d)))"),
        (r"\frac{\partial L}{\partial z_k}", "(derivative L (_ z k))"),
        (r"\frac{\partial}{\partial z} f(z)", "(derivative (f z) z)"),
        (
            r"\frac{d f}{d x} + \frac{\mathrm{d} y}{\mathrm d x}",
            "(+ (derivative f x) (derivative y x))",
        ),
        (r"\frac{d}{dx} \mathrm{sigmoid}(x)", "(derivative (sigmoid:rm x) x)"),
        (r"\frac{d}{dx}\frac{d}{dy} f", "(derivative (derivative f y) x)"),
        (r"\partial L/\partial z", "(derivative L z)"),
        (r"2 \partial L/\partial z", "(juxt 2 (derivative L z))"),
        (r"\frac{\partial^2 f}{\partial x \partial y}", "(derivative f x y)"),
        (r"\frac{\partial^2 f}{\partial x^2}", "(derivative f x x)"),
        (r"\frac{d_k}{d}", "(frac (_ d k) d)"),
        (r"\nabla_{\theta} L + \nabla L", "(+ (gradient L theta) (gradient L))"),
        (
            r"\mathbb{1}_{[k\neq i]} + \mathbb{1}\{k = y\}",
            "(+ (indicator (!= k i)) (indicator (= k y)))",
        ),
        (
            r"\mathbf{1}_{\{y=k\}} + \mathbf{1}\left[y=k\right]",
            "(+ (indicator (= y k)) (indicator (= y k)))",
        ),
        (
            r"\mathbb{I}(y=k) + \mathbb 1_{y=k, i \ne j}",
            "(+ (indicator (= y k)) (indicator (and (= y k) (!= i j))))",
        ),
        (r"x + \epsilon \mathbf{1} + \mathbf{1}_n", "(+ (+ x (juxt epsilon 1:bf)) (_ 1:bf n))"),
        (r"\text{target!} + \text{const.}", "(+ (! target:rm) const:rm)"),
        (r"x_1 \cdots x_n", "(juxt (_ x 1) ... (_ x n))"),
    ]
)
def test_commands_with_arguments(latex: str, expected: str) -> None:
    assert tree(latex) == expected


TWO_CASES = "(cases (x if (> x 0)) (0 otherwise))"


@check(
    [
        (r"\begin{cases} x & x > 0 \\ 0 & \text{otherwise} \end{cases}", TWO_CASES),
        (r"\begin{cases} x, & \text{if } x > 0, \\ 0, & \text{else.} \end{cases}", TWO_CASES),
        (r"\begin{cases} x & \text{if~} x > 0 \\ 0 & \text{否则} \\ \end{cases}", TWO_CASES),
        (r"\begin{cases} x, x > 0 \\ 0, otherwise \end{cases}", TWO_CASES),
        (r"\begin{cases} x & \text{当 } x > 0 \\ 0 & \text{其他} \end{cases}", TWO_CASES),
        (r"\begin{cases} x \quad \text{if $x > 0$} \\ 0 & \text{otherwise}\end{cases}", TWO_CASES),
        (
            r"\left\{ \begin{array}{ll} x & \text{if } x > 0 \\ 0 & \text{otherwise} \end{array}"
            r" \right.",
            TWO_CASES,
        ),
        (
            r"\left\{ \begin{aligned} & x, && \text{if}\; x > 0 \\ & 0, && \text{otherwise}"
            r" \end{aligned} \right.",
            TWO_CASES,
        ),
        (
            r"\begin{cases} a & x > 0, y > 0 \\ b \end{cases}",
            "(cases (a if (and (> x 0) (> y 0))) (b))",
        ),
        (
            r"\begin{cases} a & \text{if reduction} = \text{`mean';} \\ b & \text{if reduction}"
            r" = \text{`sum'.} \end{cases}",
            '(cases (a if (= reduction:rm "mean")) (b if (= reduction:rm "sum")))',
        ),
        (
            r"\begin{cases} a & x > 0 \text{ and } y > 0 \\ b & x < 0 \lor y < 0 \end{cases}",
            "(cases (a if (and (> x 0) (> y 0))) (b if (or (< x 0) (< y 0))))",
        ),
    ]
)
def test_cases(latex: str, expected: str) -> None:
    assert tree(latex) == expected


@pytest.mark.parametrize(
    ("latex", "expected"),
    [
        ("a = b, c = d", ["(= a b)", "(= c d)"]),
        ("a = b; c = d", ["(= a b)", "(= c d)"]),
        ("a = b. c = d.", ["(= a b)", "(= c d)"]),
        ("a = b，c = d。", ["(= a b)", "(= c d)"]),
        (r"a = b \\ c = d", ["(= a b)", "(= c d)"]),
        (r"a = b \quad c = d", ["(= a b)", "(= c d)"]),
        (r"a = b \quad c", ["(= a (juxt b c))"]),
        (r"a = b, \quad c = d,", ["(= a b)", "(= c d)"]),
        ("a = b\nc = d", ["(= a b)", "(= c d)"]),
        ("a = b\n c", ["(= a (juxt b c))"]),
        ("a = b\n= c", ["(= a b c)"]),
        ("a = b +\nc = d", ["(= a (+ b c) d)"]),
        ("a\n\nb = c", ["a", "(= b c)"]),
        (r"a &= b \\ &= c", ["(= a b c)"]),
        (r"a &= b \\ &\quad + c", ["(= a (+ b c))"]),
        (r"a &= b & c &= d", ["(= a b)", "(= c d)"]),
        (r"\begin{align*} a &= b \\ &= c + \\ & d \end{align*}", ["(= a b (+ c d))"]),
        (r"x = \begin{aligned}[t] & a \\ & + b \end{aligned}", ["(= x (+ a b))"]),
        (r"a = \sum_{i}^{n} \\ x_i", ["(= a (sum[i ..n] (_ x i)))"]),
        (r"a = b \text{ where } b = c", ["(= a b)", "(= b c)"]),
        (r"a = b, \quad \text{其中} \quad b = c", ["(= a b)", "(= b c)"]),
        (r"a = b \text{ and } c = d", ["(= a b)", "(= c d)"]),
        (r"a = b \Rightarrow c = d", ["(= a b)", "(= c d)"]),
        (r"a_i = b_i \quad \forall i \in S", ["(= (_ a i) (_ b i))", "(in i S)"]),
        (
            r"C ={} & \text{number of classes} \\ N ={} & \text{batch size}",
            ['(= C "number of classes")', '(= N "batch size")'],
        ),
        (r"n = 1, \dots, N", ["(= n (range 1 ... N))"]),
        (r"n = 1 \dots N", ["(= n (range 1 ... N))"]),
        (
            r"l_n = x_n, n = 1, 2, \dots, N, k = 1, \dots, K",
            ["(= (_ l n) (_ x n))", "(= n (range 1 2 ... N))", "(= k (range 1 ... K))"],
        ),
        (r"i, j = 1, \dots, N", ["(= (list i j) (range 1 ... N))"]),
        (r"x, y \in \mathbb{R}^N", ["(in (list x y) (^ R:bb N))"]),
        (r"x \text{ and } y \in \mathbb{R}^N", ["(in (list x y) (^ R:bb N))"]),
        (r"a \frac{x}{s} + b,\quad s = t", ["(+ (juxt a (frac x s)) b)", "(= s t)"]),
        (r"f(x) = x \quad (x > 0)", ["(= (f x) x)", "(paren (> x 0))"]),
        (r"a = b \quad \text{(a remark)}", ["(= a b)", '"(a remark)"']),
        (r"\frac{L}{N}, \text{ with } L = x", ["(frac L N)", "(= L x)"]),
        (
            r"v \leftarrow \beta v;\ \theta \leftarrow \theta - v",
            ["(<- v (juxt beta v))", "(<- theta (- theta v))"],
        ),
    ],
)
def test_statements(latex: str, expected: list[str]) -> None:
    assert list(outlines(parse(latex))) == expected


@pytest.mark.parametrize(
    ("row", "latex", "readings"),
    [
        (
            "prefix-scope",
            r"\log a b",
            {"one-factor": "(juxt (log:rm! a) b)", "whole-product": "(log:rm! (juxt a b))"},
        ),
        (
            "prefix-scope",
            r"\sin 2 x",
            {"whole-product": "(sin:rm! (juxt 2 x))", "one-factor": "(juxt (sin:rm! 2) x)"},
        ),
        (
            "prefix-scope",
            r"\log a/b",
            {"one-factor": "(/ (log:rm! a) b)", "whole-product": "(log:rm! (/ a b))"},
        ),
        (
            "sum-scope",
            r"\sum_i a_i + b_i - c",
            {
                "while-index-occurs": "(- (sum[i] (+ (_ a i) (_ b i))) c)",
                "one-term": "(- (+ (sum[i] (_ a i)) (_ b i)) c)",
                "to-the-end": "(sum[i] (- (+ (_ a i) (_ b i)) c))",
            },
        ),
        ("slash", "a/b c", {"one-factor": "(juxt (/ a b) c)", "whole-product": "(/ a (juxt b c))"}),
        (
            "slash",
            "1/2 c |x|",
            {
                "one-factor": "(juxt (/ 1 2) c (abs x))",
                "number-and-letters": "(juxt (/ 1 (juxt 2 c)) (abs x))",
                "whole-product": "(/ 1 (juxt 2 c (abs x)))",
            },
        ),
        (
            "slash",
            r"x/2\tau",
            {
                "number-and-letters": "(/ x (juxt 2 tau))",
                "one-factor": "(juxt (/ x 2) tau)",
                "whole-product": "(/ x (juxt 2 tau))",
            },
        ),
        (
            "application-power",
            r"\log(x)^2",
            {"of-value": "(^ (log:rm x) 2)", "of-argument": "(log:rm (^ (paren x) 2))"},
        ),
        ("transpose", "A^T", {"transpose": "(transpose A)", "power": "(^ A T)"}),
        (
            "derivative",
            r"\frac{d L}{d x}",
            {"derivative": "(derivative L x)", "quotient": "(frac (juxt d L) (juxt d x))"},
        ),
    ],
)
def test_ambiguous_places_are_recorded_and_can_be_read_the_other_way(
    row: str, latex: str, readings: dict[str, str]
) -> None:
    (met,) = parse(latex).ambiguities
    default, *others = readings
    assert (met.row, met.chosen, met.alternatives) == (row, default, tuple(others))
    for reading, expected in readings.items():
        document = parse(latex, choices={(row, met.span.start): reading})
        assert outlines(document) == (expected,)
        assert document.ambiguities[0].chosen == reading


def test_an_unknown_reading_is_the_default() -> None:
    (met,) = parse("a/b c").ambiguities
    again = parse("a/b c", choices={("slash", met.span.start): "nonsense"})
    assert again == parse("a/b c")


def test_a_size_named_t_makes_a_power_of_the_superscript() -> None:
    (met,) = parse("a^T", frozenset(["T"])).ambiguities
    assert (met.chosen, met.alternatives) == ("power", ("transpose",))


def test_places_without_two_readings_are_not_recorded() -> None:
    for latex in (r"\log(x) y", r"\log x", "a/b", r"\sum_i x_i", r"A^\top", r"\sin 2"):
        assert parse(latex).ambiguities == ()


@pytest.mark.parametrize(
    ("latex", "at", "says"),
    [
        (r"\frac{a}{b", "{b", "never closed"),
        ("( a + b", "(", "never closed"),
        ("(a + b]", "(", "never closed"),
        (r"\left( a )", r"\left(", "never closed"),
        ("f(a", "(", "never closed"),
        ("x_{i", "{", "never closed"),
        (r"|a", "|", "never closed"),
        (r"\begin{cases} a", r"\begin{cases}", "never closed"),
        (r"\begin{cases} a \end{matrix}", r"\begin{cases}", "never closed"),
        ("a)", ")", "closes nothing"),
        ("a}", "}", "closes nothing"),
        ("a +", "+", "missing after"),
        (r"\sum_{i}", "}", "missing after"),
        ("= b", "=", "missing before"),
        ("a = = b", "=", "missing before"),
        (r"a \cdot \cdot b", r"\cdot", "missing before"),
        ("", "", "no formula"),
        ("  ", " ", "no formula"),
        (r"\quad \\", r"\quad"[:1], "no formula"),
        (r"a \pm b", r"\pm", "two formulas"),
        (r"\mp a", r"\mp", "two formulas"),
        ("x^23", "23", "several digits"),
        ("10^23", "23", "several digits"),
        (r"\frac123", "123", "several digits"),
        ("x_pred", "pred", "several letters"),
        ("x^-1", "-", "without braces"),
        ("x_i_j", "_", "second script"),
        ("x^2^3", "^", "second script"),
        ("{a+b} c", "{a+b}", "braces do not show"),
        ("c {a+b}", "{a+b}", "braces do not show"),
        ("{a+b}^2", "{a+b}", "braces do not show"),
        ("a - {b+c}", "{b+c}", "braces do not show"),
        (r"{\log x}^2", r"{\log x}", "braces do not show"),
        (r"{\sum_i a_i} b_i", r"{\sum_i a_i}", "braces do not show"),
        (r"a/{b/c}", "{b/c}", "braces do not show"),
        (r"\sum_i {a_i + b}", "{a_i + b}", "braces do not show"),
        (r"f(x) = a \text{ if } x > 0", r"\text{ if }", "condition stands beside"),
        (r"L = \frac1n \\ \sum_i x_i", r"\sum_i x_i", "neither an equation"),
        (r"L = a \quad (3)", "(3)", "number of the equation"),
        ("a // b", "//", "// is not read"),
        (r"\left. x \right|_{x=0}", r"\left.", "half of a pair"),
        (r"(a | b)", "(a | b)", "condition inside a group"),
        ("()", "()", "nothing stands"),
        ("|a, b|", "|a, b|", "one value"),
        (r"\hat{a + b}", r"\hat{a + b}", "more than one symbol"),
        (r"\hat{x^2}", r"\hat{x^2}", "more than one symbol"),
        (r"(x)'", "'", "prime stands on a symbol"),
        (r"\log", r"\log", "no argument"),
        (r"\frac{\partial}{\partial z}", r"\frac{\partial}{\partial z}", "nothing is diff"),
        (r"\frac{\partial f}{x}", r"\partial", "belongs to no derivative"),
        (r"\begin{cases} a x > 0 \end{cases}", ">", "condition begins"),
        (r"\begin{matrix} a & b \\ c \end{matrix}", r"\begin{matrix}", "differ in length"),
        (r"\begin{tikzpicture} a \end{tikzpicture}", r"\begin{tikzpicture}", "environment"),
        (r"\frac{a}{b, c}", ",", "not read here"),
        ("a | b", "|", "no partner"),
        (r"a = 1 \land b \lor c", r"\lor", "mixed"),
        (r"\underset{x}{y}", r"\underset", r"under \max"),
        (r"\sqrt[a, b]{x}", "[", "degree"),
        (r"\begin{cases} \end{cases}", r"\begin{cases}", "no cases"),
    ],
)
def test_refusals_point_at_the_place(latex: str, at: str, says: str) -> None:
    refusal = refused(latex)
    pointed = latex[refusal.span.start : refusal.span.end]
    assert at == pointed or (at.startswith(pointed) and pointed != "")
    assert says in refusal.message


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("(", ")"),
        ("x_{", "}"),
        ("x^{", "}"),
        (r"\frac{", "}{y}"),
        (r"\sqrt{", "}"),
        (r"\hat{", "}"),
        (r"\log{", "}"),
        (r"\log(", ")"),
        (r"\max(", ")"),
        ("|", "|"),
        (r"\left\|", r"\right\|"),
        (r"\sum_{i}{", "}"),
        (r"\sum_{i=", "}x"),
        (r"\max_{", "}x"),
        (r"a/b{", "}"),
        (r"\sum_i (", ")"),
        (r"\begin{cases}", r"\end{cases}"),
        (r"\frac{d ", "}{x}"),
        (r"\underset{", r"}{\max} y"),
        ("-", ""),
        (r"\log ", ""),
        (r"\sum_i ", ""),
        (r"\nabla ", ""),
    ],
)
@pytest.mark.parametrize("depth", [20, 60, 99, 5000])
def test_nesting_never_exhausts_the_stack(before: str, after: str, depth: int) -> None:
    latex = before * depth + "x" + after * depth
    started = time.process_time()
    try:
        _two_hundred_frames_down(lambda: parse(latex))
    except NotRead as refusal:
        assert depth > 20 or before in ("|", r"\hat{", r"\begin{cases}", r"\max_{", r"\underset{")
        assert 0 <= refusal.span.start < refusal.span.end <= len(latex)
    assert time.process_time() - started < 5


def _two_hundred_frames_down(action, frames: int = 200):  # type: ignore[no-untyped-def]
    return action() if frames == 0 else _two_hundred_frames_down(action, frames - 1)


@pytest.mark.parametrize(
    "unit",
    [
        "a+",
        r"a\cdot b/",
        "|a|b",
        "||a||",
        "a=b,c,",
        "a,",
        r"\sum_i a_i + ",
        r"+ b_i",
        r"x_{i}^{2}",
        r"\frac{d}{dx}",
        r"a \quad ",
        "a/2b ",
        r"a \mid ",
        "a|",
        r"\text{if} ",
        "'",
    ],
)
def test_long_formulas_are_answered_in_linear_time(unit: str) -> None:
    latex = "x" + unit * (60_000 // len(unit)) + "x"
    started = time.process_time()
    try:
        parse(latex)
    except NotRead as refusal:
        assert refusal.span.end <= len(latex)
    assert time.process_time() - started < 5


def test_a_sum_of_too_many_terms_is_refused_rather_than_too_deep() -> None:
    assert "operators in a row" in refused("+".join("a" * 300)).message
    assert tree("+".join("a" * 95)).count("(+") == 94


# -- what torch prints ------------------------------------------------------------------------

LOSSES = """MSELoss L1Loss SmoothL1Loss HuberLoss CrossEntropyLoss NLLLoss BCELoss BCEWithLogitsLoss
KLDivLoss PoissonNLLLoss GaussianNLLLoss HingeEmbeddingLoss CosineEmbeddingLoss MarginRankingLoss
TripletMarginLoss SoftMarginLoss MultiLabelSoftMarginLoss MultiMarginLoss""".split()


def printed_formulas(name: str) -> list[str]:
    """The displayed formulas of a loss's docstring."""
    text = inspect.getdoc(getattr(nn, name)) or ""
    block = r"^( *)\.\. math::(.*(?:\n(?:\1 +.*| *))*)"
    return [found[2].strip() for found in re.finditer(block, text, re.MULTILINE)]


@pytest.mark.parametrize("name", LOSSES)
def test_every_formula_torch_prints_for_a_loss_is_read(name: str) -> None:
    formulas = printed_formulas(name)
    assert formulas
    for latex in formulas:
        assert outlines(parse(latex))


def test_the_printed_formulas_read_as_they_are_meant() -> None:
    hinge = printed_formulas("HingeEmbeddingLoss")[0]
    assert tree(hinge) == (
        "(= (_ l n) (cases ((_ x n) if (= (_ y n) 1))"
        " ((max:rm{} 0 (- margin:rm (_ x n))) if (= (_ y n) (- 1)))))"
    )
    poisson = printed_formulas("PoissonNLLLoss")[0]
    assert list(outlines(parse(poisson))) == [
        "(~ target:rm (Poisson:rm input:rm))",
        "(= (loss:rm input:rm target:rm) (+ (- input:rm (* target:rm (log:rm input:rm)))"
        " (log:rm (! target:rm))))",
    ]
    triplet = printed_formulas("TripletMarginLoss")[0]
    assert tree(triplet) == (
        "(= (L a p n) (max:rm{} (+ (- (d (_ a i) (_ p i)) (d (_ a i) (_ n i))) margin:rm) 0))"
    )
    ranking = printed_formulas("MarginRankingLoss")[0]
    assert tree(ranking, "x1", "x2") == (
        "(= (loss:rm x1:rm x2:rm y) (max:rm 0 (+ (* (- y) (paren (- x1:rm x2:rm))) margin:rm)))"
    )


# -- properties -------------------------------------------------------------------------------

PIECES = st.sampled_from(
    r"""\frac { } ( ) [ ] | \| ^ _ ' ! + - * / \cdot = < \le \in , ; & \\ \quad \text{if} \text{a}
    \log \max \sum \sum_{i} \sum_{i=1}^n _i ^2 x y i n 1 23 0.5 \partial \nabla \hat \mathbf \sqrt
    \begin{cases} \end{cases} \left( \right) \left| \right| \mathbb{1} \dots \mid \top T \over
    \begin{aligned} \end{aligned} \max_k \arg\max \lfloor \rfloor \{ \} {x} \text{and} . : d
    \underset \substack \overset \not \rm {\rm {a+b}""".split()
)
FORMULAS = [latex for latex, _ in FOURTEEN]


def read_or_refused(latex: str) -> None:
    """Reads, with spans inside the source that nest; or NotRead with a place in the source."""
    try:
        document = parse(latex)
    except NotRead as refusal:
        assert 0 <= refusal.span.start <= refusal.span.end <= max(len(latex), 1)
        assert refusal.describe()
        return
    for statement in document.statements:
        outline(statement)
        for node in everything(statement):
            span = node.span  # type: ignore[attr-defined]
            assert 0 <= span.start < span.end <= len(latex)
            for part in parts(node):
                inner = part.span  # type: ignore[attr-defined]
                assert span.start <= inner.start and inner.end <= span.end


@given(st.text(max_size=60))
@example("\ud800")
@example("x^{'}")
@example(r"|a - \nabla |b||")
def test_any_text_is_read_or_refused(latex: str) -> None:
    read_or_refused(latex)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    read_or_refused(data.decode("latin-1"))


@settings(max_examples=600)
@given(st.lists(PIECES, max_size=16))
def test_any_run_of_commands_is_read_or_refused(pieces: list[str]) -> None:
    read_or_refused(" ".join(pieces))


@settings(max_examples=400)
@given(
    st.sampled_from(FORMULAS),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 6), PIECES), min_size=1, max_size=3),
)
def test_any_edit_of_a_formula_is_read_or_refused(
    latex: str, edits: list[tuple[float, int, str]]
) -> None:
    for where, deleted, inserted in edits:
        place = int(where * len(latex))
        latex = latex[:place] + inserted + latex[place + deleted :]
    read_or_refused(latex)


@given(st.lists(PIECES, max_size=16))
def test_any_choices_are_read_or_refused(pieces: list[str]) -> None:
    latex = " ".join(pieces)
    try:
        met = parse(latex).ambiguities
    except NotRead:
        return
    for place in met:
        for other in place.alternatives:
            try:
                parse(latex, choices={(place.row, place.span.start): other})
            except NotRead as refusal:
                assert refusal.span.end <= len(latex)


SAME_ALONE = (Infix, Prefix, Juxtaposition, Fraction_, Power, Application, Group, Root, Indicator)


@pytest.mark.parametrize("latex", FORMULAS)
def test_a_part_of_a_formula_reads_alone_as_it_does_inside(latex: str) -> None:
    checked = 0
    for statement in parse(latex).statements:
        for node in everything(statement):
            if isinstance(node, (*SAME_ALONE, BigOperator)):
                alone = parse(latex[node.span.start : node.span.end])
                assert alone.statements == (node,)
                checked += 1
    assert checked


def test_reading_a_formula_needs_no_torch() -> None:
    source = Path(inspect.getfile(parse)).read_text()
    assert "torch " not in source.replace("torchtex", "")


def test_names_keep_what_the_writer_needs() -> None:
    (statement,) = parse(r"\hat{\mathbf{y}}'_i").statements
    name = next(node for node in everything(statement) if isinstance(node, Name))
    assert (name.text, name.font, name.accents, name.primes) == ("y", "bold", ("hat",), 1)
